// Finished pages, and a server for them on the loopback address that ends with
// its test.
import { createServer } from "node:http";
import { readFile, readdir, stat } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, extname, join, normalize, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");

/** The book that readers get. */
export const BOOK = resolve(process.env.BOOK ?? join(root, "book"));
/** A book of what no chapter may happen to have: wide lines, all languages. */
export const FIXTURE = resolve(process.env.FIXTURE ?? join(root, "target/browser/fixture/book"));
/** Pages with one fault each. */
export const BROKEN = join(here, "broken");
/** Pictures for a person to look at. */
export const PICTURES = join(root, "target/browser/pictures");

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".rs": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
  ".toml": "text/plain; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
  ".xml": "application/xml",
};
const COMPRESSED = new Set([".css", ".html", ".js", ".json", ".rs", ".svg", ".toml", ".txt", ".xml"]);

/** Paths of a site's pages below its folder, in order; no page of a listing's. */
export async function pagesOf(folder) {
  if (!existsSync(join(folder, "index.html")) && folder !== BROKEN) {
    throw new Error(`no book in ${folder}; \`cargo xtask test --browser\` builds it`);
  }
  const found = [];
  const walk = async (below) => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (entry.isDirectory() && path !== "listings") await walk(path);
      else if (entry.name.endsWith(".html")) found.push(path);
    }
  };
  await walk("");
  const moved = await Promise.all(found.map((path) => isMoved(join(folder, path))));
  return found.filter((_, index) => !moved[index]).sort();
}

/** Whether a page is one of the book's own texts: not all of them at once, nor
 * what leads to them. */
export const isChapter = (path) => !["404.html", "print.html", "toc.html"].includes(path);

/** Whether all that a page does is to lead to where it is now. */
export async function isMoved(file) {
  return (await readFile(file, "utf8")).includes('http-equiv="refresh"');
}

/** Serves a folder, with gzip as a static host does. */
export async function serve(folder) {
  const sent = new Map();
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://host").pathname);
    let answer = sent.get(path);
    if (!answer) {
      answer = await file(folder, path);
      sent.set(path, answer);
    }
    const { status, type, plain, packed } = answer;
    const headers = { "content-type": type, "cache-control": "max-age=600", vary: "accept-encoding" };
    const gzip = packed && /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
    if (gzip) headers["content-encoding"] = "gzip";
    const body = gzip ? packed : plain;
    headers["content-length"] = body.length;
    response.writeHead(status, headers);
    response.end(request.method === "HEAD" ? undefined : body);
  });
  await new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(0, "127.0.0.1", done);
  });
  // A test that forgets to close it can still end.
  server.unref();
  return {
    url: (path) => `http://127.0.0.1:${server.address().port}/${path}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

async function file(folder, path) {
  const wanted = normalize(join(folder, path.endsWith("/") ? `${path}index.html` : path));
  const inside = wanted.startsWith(folder + sep);
  const found = inside && (await stat(wanted).catch(() => null))?.isFile();
  const name = found ? wanted : join(folder, "404.html");
  const plain = await readFile(name).catch(() => Buffer.from("not found"));
  const kind = extname(name);
  return {
    status: found ? 200 : 404,
    type: TYPES[kind] ?? "application/octet-stream",
    plain,
    packed: COMPRESSED.has(kind) ? gzipSync(plain, { level: 9 }) : null,
  };
}
