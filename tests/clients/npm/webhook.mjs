// Verifies a delivered webhook with the official package: webhook.mjs FILE, a JSON file with the body,
// headers and secret. Prints the event; a forged body must be refused.
import fs from "node:fs";
import OpenAI from "openai";

const { body, headers, secret } = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const client = new OpenAI({ apiKey: "sk-anything" });
const event = await client.webhooks.unwrap(body, headers, secret);
let forged = "taken";
try {
  await client.webhooks.unwrap(body.replace("video.completed", "video.failed"), headers, secret);
} catch (error) {
  forged = error.constructor.name;
}
console.log(JSON.stringify({ event, forged }));
