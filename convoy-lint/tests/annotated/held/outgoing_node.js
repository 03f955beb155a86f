const axios = require('axios');
const got = require('got');
const fetch = require('node-fetch');
const http = require('http');
const request = require('request');
const superagent = require('superagent');
const puppeteer = require('puppeteer');
const needle = require('needle');

module.exports = (app) => {
  app.get('/a', async (req, res) => {
    await axios.get(req.query.url); // CWE-918
    await axios({ url: req.query.url, method: 'get' }); // CWE-918
    await got(req.query.url); // CWE-918
    await fetch(req.body.url); // CWE-918
    await fetch('http://' + req.query.host + '/status'); // CWE-918
    http.get(req.query.url); // CWE-918
    request(req.query.url); // CWE-918
    request.get({ url: req.query.url }); // CWE-918
    superagent.get(req.query.url); // CWE-918
    needle.get(req.query.url); // CWE-918
    const browser = await puppeteer.launch();
    const page = await browser.newPage();
    await page.goto(req.query.url); // CWE-918
    await page.setContent(req.body.html); // CWE-918,79
    await page.evaluate(req.body.script); // CWE-94,95
    res.end();
  });
  app.get('/ok', async (req, res) => {
    await axios.get('https://api.example.org/users/' + encodeURIComponent(req.query.id));
    await fetch(`https://api.example.org/users/${req.params.id}`);
    const page = await (await puppeteer.launch()).newPage();
    await page.goto('https://example.org');
    res.end();
  });
};
