console.log(process.env.NODE_ENV);
start(process.env);
