// Makes the calls that come as JSON on stdin with the official clients, and prints what came back as one line of JSON.
import { readFileSync } from "node:fs";
import { Ollama } from "ollama";
import OpenAI from "openai";

const plain = (value) => JSON.parse(JSON.stringify(value ?? null));

function client(target) {
  return target.client === "openai"
    ? new OpenAI({ baseURL: `${target.url}/v1`, apiKey: target.key || "any", maxRetries: 0 })
    : new Ollama({ host: target.url });
}

function failure(error) {
  const named = { class: error.constructor.name, message: error.message, status: error.status ?? error.status_code };
  return { failed: plain({ ...named, body: error.error, code: error.code, type: error.type, param: error.param }) };
}

async function request(target, call) {
  const [method, path] = call.method.split(" ");
  const answer = await fetch(target.url + path, { method, body: call.body ?? undefined });
  return { said: { status: answer.status, type: answer.headers.get("content-type"), body: await answer.text() } };
}

async function made(maker, target, call) {
  if (call.method.includes("/")) return request(target, call);
  const steps = call.method.split(".");
  const owner = steps.slice(0, -1).reduce((it, step) => it[step], maker);
  const given = Object.keys(call.given).length ? [call.given] : [];
  const pieces = [];
  try {
    const answer = await owner[steps.at(-1)](...call.placed, ...given);
    if (call.stream) {
      for await (const piece of answer) {
        pieces.push(plain(piece));
        if (pieces.length === call.pieces) {
          answer.abort?.() ?? answer.controller?.abort();
          return { said: pieces };
        }
      }
      return { said: pieces };
    }
    return { said: plain(answer.data && answer.options ? { data: answer.data } : answer) };
  } catch (error) {
    return { ...failure(error), ...(pieces.length ? { said: pieces } : {}) };
  }
}

const results = [];
for (const target of JSON.parse(readFileSync(0, "utf8"))) {
  const maker = client(target);
  const found = {};
  for (const call of target.calls) found[call.name] = await made(maker, target, call);
  results.push(found);
}
process.stdout.write(`\n${JSON.stringify(results)}\n`, () => process.exit(0));
