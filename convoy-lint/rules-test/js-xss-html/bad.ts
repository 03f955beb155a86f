@Controller()
export class Pages {
  @Get('/a')
  page(@Query('name') name: string, @Res() res: Response) {
    // bad
    res.send('<h1>' + name + '</h1>');
  }
}
