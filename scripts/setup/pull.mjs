import { messagesOf, request } from "./engine-api.mjs";
import { Failure } from "./failure.mjs";

/** A registry that is there names the image's layers within seconds; after that only silence is suspect. */
const untilAnswer = 8000;
const untilNextWord = 60_000;

/**
 * Has the engine pull an image, with the registries and mirrors it is configured for.
 * @throws Failure when no registry answers in time or it refuses
 */
export async function pull(endpoint, image, deadlines = { untilAnswer, untilNextWord }) {
  const [name, tag] = image.split(":");
  const silence = new AbortController();
  const giveUp = () => silence.abort();
  let timer = setTimeout(giveUp, deadlines.untilAnswer);
  try {
    const query = new URLSearchParams({ fromImage: name, tag });
    const answer = await request(endpoint, "POST", `/images/create?${query}`, {
      signal: silence.signal,
    });
    for await (const { status } of messagesOf(answer)) {
      if (status?.startsWith("Pulling from")) continue;
      clearTimeout(timer);
      timer = setTimeout(giveUp, deadlines.untilNextWord);
    }
  } catch (error) {
    throw error instanceof Failure
      ? error
      : new Failure("engineSaid", { status: 0, reason: error.message });
  } finally {
    clearTimeout(timer);
  }
}
