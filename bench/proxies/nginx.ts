import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../src/ports/runtime/free-port.ts';
import { candidatePercent, type Forwarder, type Place, untilListening } from './forwarder.ts';
import { PlacedProcess } from './placed-process.ts';

/** nginx with one worker, which here is the process itself; connections are kept on both sides, nothing is logged. */
export async function startNginx(place: Place): Promise<Forwarder> {
  const port = await freePort();
  const file = join(place.directory, 'nginx.conf');
  await writeFile(file, configuration(port, place));
  const started = new PlacedProcess(place.cores, 'nginx', [
    '-p',
    place.directory,
    '-e',
    'stderr',
    '-c',
    file,
  ]);
  try {
    await untilListening(started, port);
  } catch (error) {
    await started.end();
    throw error;
  }
  return { name: 'nginx', port, pid: started.pid, close: () => started.end() };
}

function configuration(port: number, { directory, stablePort, candidatePort }: Place): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(directory, `nginx-${kind}`)};`,
  );
  return `
daemon off;
master_process off;
error_log stderr warn;
pid ${join(directory, 'nginx.pid')};
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  keepalive_requests 100000000;
  proxy_buffers 16 16k;
  proxy_max_temp_file_size 0;
  upstream instances {
    server 127.0.0.1:${stablePort} weight=${100 - candidatePercent};
    server 127.0.0.1:${candidatePort} weight=${candidatePercent};
    keepalive 256;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://instances;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
    }
  }
}
`;
}
