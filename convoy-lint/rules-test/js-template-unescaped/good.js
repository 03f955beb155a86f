nunjucks.configure('views', { autoescape: true });
handlebars.compile('{{name}}');
