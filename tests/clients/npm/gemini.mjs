// Google's JavaScript package of the years of Veo: every method it has for this job.
// gemini.mjs ADDRESS PHOTO FOLDER: prints what came back as JSON.
import fs from "node:fs";
import path from "node:path";
import { ApiError, GoogleGenAI, VideoGenerationReferenceType } from "@google/genai";

const [baseUrl, photo, folder] = process.argv.slice(2);
const ai = new GoogleGenAI({ apiKey: "AIza-any", httpOptions: { baseUrl } });
const imageBytes = fs.readFileSync(photo).toString("base64");
const image = { imageBytes, mimeType: "image/jpeg" };
const quick = { resolution: "180p", durationSeconds: 1 };
const said = {};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function ended(operation) {
  const limit = Date.now() + 60_000;
  while (!operation.done) {
    if (Date.now() > limit) throw new Error(`${operation.name} is not done`);
    await pause(100);
    operation = await ai.operations.getVideosOperation({ operation });
  }
  if (operation.error) throw new Error(JSON.stringify(operation.error));
  return operation;
}

// The client leaves its promise before the file is written to its end.
async function download(file, name) {
  const downloadPath = path.join(folder, name);
  await ai.files.download({ file, downloadPath });
  let size = -1;
  for (let turn = 0; turn < 100; turn++) {
    await pause(50);
    const now = fs.existsSync(downloadPath) ? fs.statSync(downloadPath).size : -1;
    if (now > 0 && now === size) break;
    size = now;
  }
  return fs.readFileSync(downloadPath);
}

const pending = await ai.models.generateVideos({
  model: "veo-3.1", prompt: "slow dolly in", image,
  config: { ...quick, numberOfVideos: 2, negativePrompt: "blurry", aspectRatio: "16:9" },
});
said.pending = [pending.done ?? false, pending.name.split("/").slice(0, 3).join("/")];
const done = await ended(pending);
said.samples = done.response.generatedVideos.length;
said.warned = done.metadata.warnings.map((one) => one.field).sort();
const film = done.response.generatedVideos[0];
const content = await download(film.video, "film.mp4");
said.film = [content.subarray(4, 8).toString(), film.video.mimeType];
said.downloads = [
  (await download(film, "generated.mp4")).equals(content),
  (await download(film.video.uri, "address.mp4")).equals(content),
];

const source = { prompt: "pan left", image };
said.others = [];
for (const [model, asked, config] of [
  ["veo-3.1-generate-preview", { source }, { lastFrame: image }],
  ["veo-3.1", { prompt: "pan left" }, {
    referenceImages: [{ image, referenceType: VideoGenerationReferenceType.ASSET }],
  }],
  ["veo-3.1-fast", { source: { prompt: "pan right", video: { uri: film.video.uri } } }, {}],
  ["veo-3.1", { source: { prompt: "pan right", video: {
    videoBytes: content.toString("base64"), mimeType: "video/mp4" } } }, {}],
  ["flipbook", { source }, { personGeneration: "allow_adult", enhancePrompt: false }],
]) {
  const other = await ended(
    await ai.models.generateVideos({ model, ...asked, config: { ...quick, ...config } }),
  );
  said.others.push(other.response.generatedVideos[0].video.mimeType);
}

const file = await ai.files.upload({
  file: photo, config: { mimeType: "image/jpeg", displayName: "Cup of coffee" },
});
said.file = [file.displayName, file.mimeType, file.state, file.source];
said.again = (await ai.files.get({ name: file.name })).sha256Hash === file.sha256Hash;
const bytes = Buffer.alloc(9 << 20, "abc");
const large = await ai.files.upload({
  file: new Blob([bytes]), config: { mimeType: "application/octet-stream" },
});
said.large = [Number(large.sizeBytes), (await download(large, "large")).equals(bytes)];
const listed = [];
for await (const one of await ai.files.list({ config: { pageSize: 1 } })) listed.push(one.name);
said.listed = listed.includes(file.name) && listed.includes(large.name);
await ai.files.delete({ name: large.name });
await ai.files.delete({ name: file.name });
for (const [name, call] of [
  ["deleted", () => ai.files.get({ name: large.name })],
  ["no model", () => ai.models.generateVideos({ model: "veo-9", source })],
]) {
  try {
    await call();
  } catch (error) {
    said[name] = [error instanceof ApiError, error.status];
  }
}
said.model = (await ai.models.get({ model: "veo-3.1" })).name;
const models = [];
for await (const one of await ai.models.list({ config: { pageSize: 4 } })) models.push(one.name);
said.models = models.includes("models/veo-3.1-fast");
console.log(JSON.stringify(said));
