import { NestFactory } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppModule } from './app.module';

JwtModule.register({ secret: 'nest-secret-1', signOptions: { expiresIn: '60s' } }); // CWE-798
TypeOrmModule.forRoot({
  type: 'postgres',
  username: 'app',
  password: 'ne5t-Pa55', // CWE-798
  synchronize: false,
});

async function bootstrap() {
  const app = await NestFactory.create(AppModule, { cors: true }); // CWE-942
  app.enableCors({ origin: '*', credentials: true }); // CWE-942
  await app.listen(3000);
}

async function good() {
  const app = await NestFactory.create(AppModule);
  JwtModule.register({ secret: process.env.JWT_SECRET });
  app.enableCors({ origin: 'https://app.example.org', credentials: true });
}

bootstrap();
good();
