import Koa, { Context } from 'koa';
import Router from '@koa/router';
import { createConnection } from 'mysql2/promise';
import { unlink } from 'fs/promises';

const app = new Koa();
const router = new Router();

router.get('/a', async (ctx: Context) => {
  ctx.type = 'html';
  ctx.body = `<p>${ctx.query.name}</p>`; // CWE-79
  ctx.redirect(ctx.query.to as string); // CWE-601
});

router.del('/b/:name', async (ctx: Context) => {
  await unlink('/srv/' + ctx.params.name); // CWE-22
  const db = await createConnection({ host: 'db', user: 'root', password: 'koa-Pa55' }); // CWE-798
  await db.query(`DELETE FROM t WHERE a = '${ctx.params.name}'`); // CWE-89
});

router.get('/ok', async (ctx: Context) => {
  ctx.body = { name: ctx.query.name };
  ctx.redirect('/home');
});

app.use(router.routes());
