// A program as it is written against Dream Machine, with the `lumaai` package as it comes.
// luma.mjs BASE_URL PHOTO_URL: every method for films, and what came back, as JSON.
import LumaAI from "lumaai";

const [baseURL, photo] = process.argv.slice(2);
const client = new LumaAI({ baseURL, authToken: "any", maxRetries: 0 });
const quick = { model: "flipbook", resolution: "180p", duration: "1s" };
const image = { type: "image", url: photo };
const said = {};

async function done(asked) {
  let made = await asked;
  while (made.state !== "completed" && made.state !== "failed") {
    await new Promise((resolve) => setTimeout(resolve, 200));
    made = await client.generations.get(made.id);
  }
  if (made.state !== "completed") throw new Error(made.failure_reason);
  return made;
}

said.ping = (await client.ping.check()).message;
said.credits = (await client.credits.get()).credit_balance;
said.concepts = (await client.generations.concepts.list()).length;
const first = await done(
  client.generations.create({
    prompt: "A cup",
    keyframes: { frame0: image },
    aspect_ratio: "16:9",
    concepts: [{ key: "push_in" }],
    ...quick,
  }),
);
said.first = [first.state, first.model, first.report.done[0].words];
const content = Buffer.from(await (await fetch(first.assets.video)).arrayBuffer());
said.film = content.subarray(4, 8).toString();
const generation = { type: "generation", id: first.id };
said.longer = (await done(client.generations.video.create({ prompt: "zoom out", keyframes: { frame0: generation }, ...quick }))).state;
said.larger = (await done(client.generations.upscale(first.id, { resolution: "360p" }))).state;
said.loud = (await done(client.generations.audio(first.id, { prompt: "rain" }))).state;
const media = { url: first.assets.video };
const grey = { generation_type: "modify_video", media, mode: "adhere_1", model: "ray-2", prompt: "black and white" };
said.modify = (await done(client.generations.video.modify(grey))).report.done[0].words;
const tall = { generation_type: "reframe_video", media, aspect_ratio: "9:16", model: "ray-2" };
const reframed = await done(client.generations.video.reframe(tall));
said.reframe = reframed.report.done[0].words;
const page = await client.generations.list({ limit: 2, offset: 1 });
said.page = [page.count, page.limit, page.offset, page.generations.length];
await client.generations.delete(reframed.id);
said.errors = {};
for (const [name, call] of Object.entries({
  gone: () => client.generations.get(reframed.id),
  image: () => client.generations.image.create({ model: "photon-1", prompt: "a cup" }),
})) {
  try {
    await call();
  } catch (error) {
    said.errors[name] = [error.constructor.name, error.status, error.error.detail];
  }
}
console.log(JSON.stringify(said));
