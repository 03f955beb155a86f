import { APIGatewayProxyEvent } from 'aws-lambda';
import { execSync } from 'child_process';
import mysql from 'mysql2';

const connection = mysql.createConnection({ host: process.env.DB });

export const handler = async (event: APIGatewayProxyEvent) => {
  const name = event.queryStringParameters?.name;
  execSync(`ls ${name}`); // CWE-78
  connection.query('SELECT * FROM t WHERE a = ' + event.pathParameters!.id); // CWE-89
  await fetch(event.body!); // CWE-918
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'text/html' },
    body: `<h1>${name}</h1>`, // CWE-79
  };
};

export const fine = async (event: APIGatewayProxyEvent) => {
  connection.query('SELECT * FROM t WHERE a = ?', [event.pathParameters!.id]);
  return { statusCode: 200, body: JSON.stringify({ ok: true }) };
};
