/**
 * A shell command for an application's container: from now on another program answers at its socket.
 * @param answer to whatever it is asked, as bytes of Python write it
 */
export const answerInstead = (answer: string) => `cd "$SLOT" && rm app.sock && setsid python -c '
import socket
server = socket.socket(socket.AF_UNIX)
server.bind("app.sock")
server.listen()
while True:
    client, _ = server.accept()
    client.recv(65536)
    client.send(b"${answer}\\r\\n\\r\\n")
    client.close()' </dev/null >/dev/null 2>&1 &`;
