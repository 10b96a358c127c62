/**
 * What a build printed, out of BuildKit's progress messages. They are protocol buffers; only the path to the
 * log bytes is followed (StatusResponse.logs = 3, VertexLog.msg = 4), which spares the set-up a dependency.
 */
export function logOf(message) {
  if (message.id !== "moby.buildkit.trace") return "";
  const logs = fieldsOf(Buffer.from(message.aux, "base64")).filter(({ number }) => number === 3);
  return logs
    .flatMap(({ bytes }) => fieldsOf(bytes))
    .filter(({ number }) => number === 4)
    .map(({ bytes }) => bytes.toString("utf8"))
    .join("");
}

/** The length-delimited fields of one message; varints are stepped over, nothing else occurs in it. */
function fieldsOf(buffer) {
  const fields = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = buffer[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte === undefined || byte < 0x80) return value;
    }
  };
  while (at < buffer.length) {
    const key = varint();
    const length = varint();
    if ((key & 7) !== 2) continue;
    fields.push({ number: key >>> 3, bytes: buffer.subarray(at, at + length) });
    at += length;
  }
  return fields;
}
