const ejs = require('ejs');
const pug = require('pug');
const handlebars = require('handlebars');
const nunjucks = require('nunjucks');
const _ = require('lodash');
const Mustache = require('mustache');

module.exports = (app) => {
  app.get('/a', (req, res) => {
    ejs.render(req.query.template, {}); // CWE-94,1336
    res.send(pug.compile(req.body.page)()); // CWE-94,1336
    handlebars.compile('<p>' + req.query.text + '</p>')({}); // CWE-94,1336,79
    nunjucks.renderString(req.query.template); // CWE-94,1336
    _.template(req.query.template)(); // CWE-94,1336
    res.render(req.query.page); // CWE-22,94,706,73
  });
  nunjucks.configure('views', { autoescape: false }); // CWE-79
  Mustache.escape = (text) => text; // CWE-79,116
  handlebars.compile('{{name}}', { noEscape: true }); // CWE-79
  app.get('/ok', (req, res) => {
    ejs.render('<p><%= name %></p>', { name: req.query.name });
    res.render('page', { name: req.query.name });
  });
};
