@Controller()
class App {
  @Get()
  @Header('Access-Control-Allow-Origin', 'https://app.example.org')
  open() {
    return 'ok';
  }
}
