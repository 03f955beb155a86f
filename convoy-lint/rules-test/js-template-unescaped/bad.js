// bad
nunjucks.configure('views', { autoescape: false });
// bad
handlebars.compile('{{name}}', { noEscape: true });
