const fastify = require('fastify')();
const { exec } = require('child_process');
const { Client } = require('pg');

const client = new Client({ user: 'app', password: 'Ap9!postgres' }); // CWE-798

fastify.get('/a', async (request, reply) => {
  reply.type('text/html').send('<h1>' + request.query.name + '</h1>'); // CWE-79
});
fastify.get('/b', async (request, reply) => {
  exec('ls ' + request.query.dir); // CWE-78
  return reply.redirect(request.query.next); // CWE-601
});
fastify.get('/c', async (request) => {
  const rows = await client.query('SELECT * FROM users WHERE id = ' + request.params.id); // CWE-89
  return rows;
});
fastify.get('/ok', async (request) => {
  const rows = await client.query('SELECT * FROM users WHERE id = $1', [request.params.id]);
  return { rows, name: request.query.name };
});
