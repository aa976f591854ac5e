// The newest official JavaScript package: every method it has for this job.
// program.mjs BASE_URL PHOTO: prints what came back as JSON.
import fs from "node:fs";
import OpenAI, { toFile } from "openai";

const [baseURL, photo] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "sk-anything" });
const quick = { model: "flipbook", size: "320x180", seconds: "1" };
const said = {};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function done(video) {
  const limit = Date.now() + 60_000;
  while (video.status === "queued" || video.status === "in_progress") {
    if (Date.now() > limit) throw new Error(`still ${video.status}`);
    await pause(100);
    video = await client.videos.retrieve(video.id);
  }
  return video;
}

const bytes = fs.readFileSync(photo);
const dataURL = `data:image/jpeg;base64,${bytes.toString("base64")}`;
const file = await client.files.create({ file: fs.createReadStream(photo), purpose: "vision" });
said.forms = [];
for (const input_reference of [
  fs.createReadStream(photo), // chunked, application/octet-stream
  await toFile(bytes, "ref.jpg", { type: "image/jpeg" }),
  { image_url: dataURL },
  { file_id: file.id },
]) {
  const video = await done(
    await client.videos.create({ prompt: "push in", input_reference, seed: 7, ...quick }),
  );
  said.forms.push(video.status);
  said.first ??= video.id;
}

const sora = await client.videos.create({
  model: "sora-2", prompt: "pan left", seconds: "4", size: "1280x720",
  input_reference: fs.createReadStream(photo),
});
said.sora = await done(sora);

const remix = await client.videos.remix(said.first, { prompt: "pan right" });
said.remix = (await done(remix)).remixed_from_video_id === said.first;
const edit = await client.videos.edit({ prompt: "black and white", video: { id: said.first } });
said.edit = (await done(edit)).status;
const longer = await client.videos.extend({
  prompt: "keep going", seconds: "4", video: { id: said.first },
});
said.extend = (await done(longer)).seconds;

const content = await client.videos.downloadContent(said.first);
const film = Buffer.from(await content.arrayBuffer());
said.content = film.subarray(4, 8).toString();
const sheet = await client.videos.downloadContent(said.first, { variant: "spritesheet" });
said.spritesheet = sheet.headers.get("content-type");

const character = await client.videos.createCharacter({
  name: "Cup JS", video: await toFile(film, "cup.mp4", { type: "video/mp4" }),
});
said.character = (await client.videos.getCharacter(character.id)).name;

said.listed = [];
for await (const video of client.videos.list({ limit: 2 })) {
  said.listed.push(video.id);
  if (said.listed.length === 5) break;
}

said.errors = {};
for (const [name, attempt] of Object.entries({
  string: () => client.videos.create({ prompt: "a", input_reference: "a picture" }),
  seconds: () => client.videos.create({
    prompt: "a", seconds: "-1", input_reference: { file_id: file.id },
  }),
  none: () => client.videos.retrieve("video_none"),
})) {
  try {
    await attempt();
    said.errors[name] = "taken";
  } catch (error) {
    said.errors[name] = [error.constructor.name, error.status, error.param, error.message, !!error.requestID];
  }
}
said.deleted = (await client.videos.delete(said.first)).deleted;
console.log(JSON.stringify(said));
