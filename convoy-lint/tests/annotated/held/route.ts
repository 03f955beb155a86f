import { NextRequest, NextResponse } from 'next/server';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { prisma } from './db';

export async function GET(request: NextRequest) {
  const url = request.nextUrl.searchParams.get('url')!;
  const id = request.nextUrl.searchParams.get('id');
  await fetch(url); // CWE-918
  await prisma.$queryRawUnsafe(`SELECT * FROM users WHERE id = ${id}`); // CWE-89
  await prisma.$executeRawUnsafe('DELETE FROM users WHERE id = ' + id); // CWE-89
  cookies().set('session', 'x', { httpOnly: false }); // CWE-1004,614
  return NextResponse.redirect(url); // CWE-601
}

export async function POST(request: NextRequest) {
  const body = await request.json();
  redirect(body.next); // CWE-601
}

export async function PUT(request: NextRequest) {
  const id = request.nextUrl.searchParams.get('id');
  await prisma.$queryRaw`SELECT * FROM users WHERE id = ${id}`;
  await prisma.user.findMany({ where: { id: Number(id) } });
  cookies().set('session', 'x', { httpOnly: true, secure: true });
  return NextResponse.json({ id });
}
