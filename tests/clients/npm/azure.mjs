// The newest official JavaScript package as Azure's customers use it.
// azure.mjs URL PHOTO: prints what came back as JSON.
import fs from "node:fs";
import OpenAI, { AzureOpenAI } from "openai";

const [url, photo] = process.argv.slice(2);
const quick = { model: "flipbook", size: "320x180", seconds: "1" };
const apiVersion = "2025-04-01-preview";
const clients = {
  endpoint: new AzureOpenAI({ endpoint: url, apiKey: "k", apiVersion }),
  base: new AzureOpenAI({ baseURL: `${url}/openai/v1/`, apiKey: "k", apiVersion: "preview" }),
  token: new AzureOpenAI({
    endpoint: url, azureADTokenProvider: async () => "token", apiVersion,
  }),
  plain: new OpenAI({ baseURL: `${url}/openai/v1/`, apiKey: "k" }),
  prefix: new AzureOpenAI({ endpoint: `${url}/azure`, apiKey: "k", apiVersion }),
};
const said = {};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function done(client, video) {
  const limit = Date.now() + 60_000;
  while (video.status === "queued" || video.status === "in_progress") {
    if (Date.now() > limit) throw new Error(`still ${video.status}`);
    await pause(100);
    video = await client.videos.retrieve(video.id);
  }
  return video;
}

said.clients = {};
for (const [name, client] of Object.entries(clients)) {
  const video = await done(
    client,
    await client.videos.create({
      prompt: "push in", input_reference: fs.createReadStream(photo), ...quick,
    }),
  );
  const content = await client.videos.downloadContent(video.id);
  const film = Buffer.from(await content.arrayBuffer());
  said.clients[name] = [video.status, film.subarray(4, 8).toString(), video.video_url];
  said.first ??= video.id;
}

const client = clients.endpoint;
const remix = await client.videos.remix(said.first, { prompt: "pan right" });
said.remix = (await done(client, remix)).remixed_from_video_id === said.first;
const edit = await client.videos.edit({ prompt: "black and white", video: { id: said.first } });
said.edit = (await done(client, edit)).status;
const longer = await client.videos.extend({
  prompt: "keep going", seconds: "4", video: { id: said.first },
});
said.extend = (await done(client, longer)).seconds;
const character = await client.videos.createCharacter({
  name: "Azure Mug JS", video: fs.createReadStream(process.argv[4]),
});
said.character = (await client.videos.getCharacter(character.id)).name;
said.listed = [];
for await (const video of client.videos.list({ limit: 2 })) {
  said.listed.push(video.id);
  if (said.listed.length === 5) break;
}
said.errors = {};
for (const [name, call] of Object.entries({
  none: () => client.videos.retrieve("video_none"),
  seconds: () => client.videos.create({ prompt: "a", seconds: "x" }),
  version: () => client.videos.list({}, { query: { "api-version": "soon" } }),
})) {
  try {
    await call();
  } catch (error) {
    said.errors[name] = [error.constructor.name, error.status, error.code, error.requestID];
  }
}
said.deleted = (await client.videos.delete(said.first)).deleted;
console.log(JSON.stringify(said));
