@Controller()
export class Pages {
  @Get('/a')
  page(@Query('name') name: string) {
    return { name };
  }
}
