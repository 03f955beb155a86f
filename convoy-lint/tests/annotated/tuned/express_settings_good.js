const express = require('express');
const session = require('express-session');
const cors = require('cors');
const helmet = require('helmet');

const app = express();
app.use(helmet());
app.use(session({
  secret: process.env.SESSION_SECRET,
  cookie: { secure: true, httpOnly: true, sameSite: 'lax' },
}));
app.use(cors({ origin: ['https://app.example.org'], credentials: true }));
app.get('/login', (req, res) => {
  res.cookie('session', '1', { secure: true, httpOnly: true, sameSite: 'lax' });
  res.cookie('theme', 'dark');
  if (req.query.next.startsWith('/') && !req.query.next.startsWith('//')) {
    res.redirect(req.query.next);
  }
  res.redirect('/home');
  res.redirect('/users/' + req.params.id);
});
