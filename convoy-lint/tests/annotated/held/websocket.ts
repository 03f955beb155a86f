import WebSocket from 'ws';
import http from 'http';
import grpc from '@grpc/grpc-js';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: 'postgres://app:P0stgres!@db/app' }); // CWE-798
const socket = new WebSocket('ws://api.example.org/live'); // CWE-319
const server = http.createServer((req, res) => {
  const url = new URL(req.url!, 'http://localhost');
  const name = url.searchParams.get('name');
  res.writeHead(200, { 'Content-Type': 'text/html' });
  res.end('<h1>' + name + '</h1>'); // CWE-79
});
const channel = grpc.credentials.createInsecure(); // CWE-319,502

socket.on('message', (data) => {
  eval(data.toString()); // CWE-94,95
  pool.query('SELECT * FROM t WHERE a = ' + data); // CWE-89
});

export const fine = new WebSocket('wss://api.example.org/live');
export { server, channel };
