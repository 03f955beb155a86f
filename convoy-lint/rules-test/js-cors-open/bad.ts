@Controller()
class App {
  @Get()
  // bad
  @Header('Access-Control-Allow-Origin', '*')
  open() {
    return 'ok';
  }
}

async function start() {
  // bad
  await NestFactory.create(AppModule, { cors: true });
  // bad
  app.enableCors();
  // bad
  app.enableCors({ origin: '*' });
}
