// node's urllib, whose nonce count runs on from request to request.

const urllib = require("urllib");
const { given, converse } = require("./talk.js");

const credentials = given.scheme === "digest"
  ? { digestAuth: `${given.username}:${given.password}` }
  : { headers: { authorization: `Bearer ${given.token}` } };

async function send(method, path, body) {
  const content = body ? { data: body, contentType: "json" } : {};
  const reply = await urllib.request(given.url + path, { method, dataType: "text", ...credentials, ...content });
  return { status: reply.status, body: reply.data ? JSON.parse(reply.data) : null };
}

converse({ send });
