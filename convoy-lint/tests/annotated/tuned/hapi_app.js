const Hapi = require('@hapi/hapi');
const { exec } = require('child_process');

const server = Hapi.server({ port: 3000, routes: { cors: { origin: ['*'], credentials: true } } }); // CWE-942

server.route({
  method: 'GET',
  path: '/a',
  handler: (request, h) => {
    exec('ls ' + request.query.dir); // CWE-78
    return '<h1>' + request.query.name + '</h1>'; // CWE-79
  },
});
server.route({
  method: 'GET',
  path: '/b',
  handler: (request, h) => h.redirect(request.query.next), // CWE-601
});
server.route({
  method: 'GET',
  path: '/c',
  handler: (request, h) => h.response({ name: request.query.name }),
});
