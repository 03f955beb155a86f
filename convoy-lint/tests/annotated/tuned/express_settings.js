const express = require('express');
const session = require('express-session');
const cookieSession = require('cookie-session');
const cors = require('cors');
const helmet = require('helmet');

const app = express();
app.use(session({ secret: 'keyboard cat', resave: false })); // CWE-798
app.use(cookieSession({ name: 'session', keys: ['k1-of-mine', 'k2-of-mine'] })); // CWE-798
app.use(session({ secret: process.env.SECRET, cookie: { secure: false } })); // CWE-614
app.use(session({ secret: process.env.SECRET, cookie: { httpOnly: false, secure: true } })); // CWE-1004,614
app.use(cors({ origin: '*', credentials: true })); // CWE-942
app.use(cors({ origin: true, credentials: true })); // CWE-942
app.use(helmet({ contentSecurityPolicy: false })); // CWE-693,1021
app.use((req, res, next) => {
  res.setHeader('Access-Control-Allow-Origin', req.headers.origin); // CWE-942
  res.setHeader('Access-Control-Allow-Credentials', 'true');
  res.header('X-XSS-Protection', '0'); // CWE-79,693
  next();
});
app.get('/login', (req, res) => {
  res.cookie('session', '1', { secure: false }); // CWE-614
  res.cookie('token', '1', { httpOnly: false }); // CWE-1004,614
  res.cookie('auth', req.query.token); // CWE-614,1004
  res.redirect(req.query.next); // CWE-601
});
app.get('/out', (req, res) => {
  const url = req.query.url;
  res.redirect(302, url); // CWE-601
  res.location(req.query.url); // CWE-601
  res.writeHead(302, { Location: req.query.url }); // CWE-601
});
