import { Body, Controller, Get, Header, Headers, Param, Post, Query, Redirect, Req, Res } from '@nestjs/common';
import { exec } from 'child_process';
import * as fs from 'fs';
import { Request, Response } from 'express';
import { HttpService } from '@nestjs/axios';
import { DataSource } from 'typeorm';

@Controller()
export class AppController {
  constructor(private http: HttpService, private source: DataSource) {}

  @Get('/a')
  page(@Query('name') name: string, @Res() res: Response) {
    res.send('<h1>' + name + '</h1>'); // CWE-79
  }

  @Get('/b')
  @Redirect()
  leave(@Query('url') url: string) {
    return { url: url }; // CWE-601
  }

  @Get('/c')
  @Header('Access-Control-Allow-Origin', '*') // CWE-942,183
  @Header('X-XSS-Protection', '0') // CWE-79,693
  open() {
    return 'ok';
  }

  @Post('/d')
  run(@Body() body: { name: string }) {
    exec('ls ' + body.name); // CWE-78
  }

  @Get('/e/:name')
  read(@Param('name') name: string) {
    return fs.readFileSync('/srv/' + name); // CWE-22
  }

  @Get('/f')
  find(@Query('id') id: string) {
    return this.source.query(`SELECT * FROM users WHERE id = ${id}`); // CWE-89
  }

  @Get('/g')
  get(@Req() req: Request) {
    return this.http.get(req.query.url as string); // CWE-918
  }

  @Get('/h')
  fine(@Query('id') id: string, @Headers('x') x: string) {
    return this.source.query('SELECT * FROM users WHERE id = $1', [id, x]);
  }
}
