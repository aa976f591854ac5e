// Google's own JavaScript package, release 3: every method of ai.interactions, with files.
// interactions.mjs ADDRESS PHOTO: prints what came back as JSON.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { GoogleGenAI } from "genai3";

const [address, photo] = process.argv.slice(2);
const ai = new GoogleGenAI({ apiKey: "AIza-any", httpOptions: { baseUrl: address } });
const said = {};
const image = { type: "image", mime_type: "image/jpeg", data: fs.readFileSync(photo).toString("base64") };
const quick = { model: "flipbook", response_format: { type: "video", duration: "1s", resolution: "360p" } };
const words = (text) => ({ type: "text", text });
const kind = (data) => Buffer.from(data.slice(0, 16), "base64").subarray(4, 8).toString();

const made = await ai.interactions.create({ ...quick, input: [image, words("slow push in")] });
said.made = [made.status, made.output_video.mime_type, kind(made.output_video.data)];
const again = await ai.interactions.get(made.id);
said.again = again.output_video.data === made.output_video.data;

const file = await ai.files.upload({ file: photo, config: { mimeType: "image/jpeg" } });
let begun = await ai.interactions.create({
  ...quick,
  response_format: { ...quick.response_format, delivery: "uri" },
  input: [{ type: "image", uri: file.uri, mime_type: "image/jpeg" }, words("pan left")],
  generation_config: { video_config: { task: "image_to_video" } },
  background: true,
});
said.begun = begun.status;
for (let tries = 0; begun.status === "in_progress" && tries < 600; tries++) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  begun = await ai.interactions.get(begun.id);
}
const place = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "interactions-")), "film.mp4");
await ai.files.download({ file: begun.output_video.uri, downloadPath: place });
for (let tries = 0; !fs.existsSync(place) && tries < 100; tries++) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
said.downloaded = fs.readFileSync(place).subarray(4, 8).toString();

const changed = await ai.interactions.create({
  model: "flipbook", previous_interaction_id: made.id, input: "pan right instead",
});
said.changed = [changed.status, changed.previous_interaction_id === made.id];

const events = [];
for await (const event of await ai.interactions.create({ ...quick, input: [image, words("zoom out")], stream: true })) {
  events.push(event);
}
said.events = events.map((event) => event.event_type);
said.delta = kind(events[3].delta.data);

const running = await ai.interactions.create({
  model: "gemini-omni-1.1-flash", input: [image, words("orbit")], background: true,
});
said.cancelled = [(await ai.interactions.cancel(running.id)).status, (await ai.interactions.get(running.id)).status];

await ai.interactions.delete(made.id);
try {
  await ai.interactions.get(made.id);
} catch (error) {
  said.deleted = [error.constructor.name, error.status, error.message];
}
try {
  await ai.interactions.create({ ...quick, response_format: { type: "video", duration: "8" }, input: "x" });
} catch (error) {
  said.number = [error.constructor.name, error.status, error.message];
}
console.log(JSON.stringify(said));
