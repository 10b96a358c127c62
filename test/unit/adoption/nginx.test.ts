import { expect, test } from "vitest";
import { frontsOf } from "../../../src/adoption/nginx.ts";

const bind = { kind: "socket", path: "/home/production/biomaid.sock" } as const;
const dump = (...files: readonly [string, string][]) =>
  files.map(([file, text]) => `# configuration file ${file}:\n${text}\n\n`).join("");

const documented = `server {
    listen 80;
    listen 127.0.0.1:9443 ssl; # ici
    server_name biomaid.example.org "autre nom";
    root /home/production;
    location ~ ^/(a|b)\\.php$ { return 403; }
    location /static { alias /home/production/staticfiles; }
    location / {
        if (!-f $request_filename) {
            proxy_pass http://unix:/home/production/biomaid.sock;
            break;
        }
    }
}`;

test("the server that leads to an application is found through what is included", () => {
  const other = "server { listen 81; location / { proxy_pass http://127.0.0.1:9000; } }";
  const fronts = frontsOf(
    dump(
      ["/etc/nginx/nginx.conf", "user www-data;\nhttp { include sites-enabled/*; }"],
      ["/etc/nginx/sites-enabled/other.conf", other],
      ["/etc/nginx/sites-enabled/production.conf", documented],
    ),
    "/etc/nginx",
    [bind],
  );
  expect(fronts).toEqual([
    {
      file: "/etc/nginx/sites-enabled/production.conf",
      listens: ["80", "127.0.0.1:9443 ssl"],
      names: ["biomaid.example.org", "autre nom"],
      tls: true,
      asks: [],
      folders: [
        { at: "/", folder: "/home/production", kind: "root" },
        { at: "/static", folder: "/home/production/staticfiles", kind: "alias" },
      ],
    },
  ]);
});

test.each([
  ["http://localhost:8000/", "127.0.0.1", true],
  ["http://127.0.0.1:8000", "0.0.0.0", true],
  ["http://10.1.2.3:8000", "0.0.0.0", true],
  ["http://gunicorn", "127.0.0.1", true],
  ["http://127.0.0.1:8001", "127.0.0.1", false],
  ["http://10.1.2.3:8000", "127.0.0.1", false],
])("%s leads to an application on port 8000 of %s: %s", (passed, host, leads) => {
  const text = `http {
    upstream gunicorn { server 127.0.0.1:8000 fail_timeout=0; }
    server { location / { proxy_pass ${passed}; } }
  }`;
  const fronts = frontsOf(dump(["/n.conf", text]), "/", [{ kind: "port", host, port: 8000 }]);
  expect(fronts.map(({ listens }) => listens)).toEqual(leads ? [["80"]] : []);
});

test("a configuration that cannot be read is said to be, by its file", () => {
  const lua = "http { set_by_lua_block $x { return 1 } }";
  expect(() => frontsOf(dump(["/etc/nginx/nginx.conf", lua]), "/", [bind])).toThrow(
    /nginx\.conf: /,
  );
});
