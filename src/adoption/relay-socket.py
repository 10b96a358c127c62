"""Connects standard input and output to a socket: relay-socket.py SOCKET"""

import os
import select
import socket
import sys

connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
while True:
    for ready in select.select([0, connection], [], [])[0]:
        data = os.read(0, 65536) if ready == 0 else connection.recv(65536)
        if not data:
            sys.exit()
        if ready == 0:
            connection.sendall(data)
        else:
            while data:
                data = data[os.write(1, data) :]
