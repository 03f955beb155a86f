import express, { Request, Response } from 'express';
import { readFile } from 'fs/promises';
import mysql from 'mysql2/promise';
import got from 'got';

const app = express();
const pool = mysql.createPool({ host: 'db', user: 'app', password: 'Pa5s-typed' }); // CWE-798

app.get('/a', async (req: Request, res: Response) => {
  const name = req.query.name as string;
  res.send('<p>' + name + '</p>'); // CWE-79
  await pool.query(`SELECT * FROM users WHERE name = '${name}'`); // CWE-89
  await readFile(name); // CWE-22
  await got(req.query.url as string); // CWE-918
  res.redirect(String(req.query.next)); // CWE-601
});

app.get('/b', async (request: Request, response: Response) => {
  response.send(`<p>${request.query.name}</p>`); // CWE-79
  response.redirect(request.query.next as string); // CWE-601
});

app.get('/ok', async (req: Request, res: Response) => {
  const [rows] = await pool.query('SELECT * FROM users WHERE name = ?', [req.query.name]);
  res.json(rows);
});
