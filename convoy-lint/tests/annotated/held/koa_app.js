const Koa = require('koa');
const Router = require('koa-router');
const fs = require('fs');
const axios = require('axios');

const router = new Router();
const app = new Koa();
app.keys = ['this is the key']; // CWE-798

router.get('/a', async (ctx) => {
  ctx.body = '<h1>' + ctx.query.name + '</h1>'; // CWE-79
});
router.get('/b', async (ctx) => {
  ctx.redirect(ctx.query.next); // CWE-601
});
router.get('/c', async (ctx) => {
  ctx.body = fs.readFileSync('/srv/' + ctx.params.name); // CWE-22
});
router.get('/d', async (ctx) => {
  const answer = await axios.get(ctx.request.query.url); // CWE-918
  ctx.body = answer.data;
});
router.get('/e', async (ctx) => {
  ctx.cookies.set('session', 'x', { httpOnly: false }); // CWE-1004,614
});
router.get('/ok', async (ctx) => {
  ctx.body = { name: ctx.query.name };
  ctx.cookies.set('session', 'x', { httpOnly: true, secure: true });
});
