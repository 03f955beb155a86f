import { MongoClient } from 'mongodb';
import { Request, Response } from 'express';
import { UserModel } from './models';

const client = new MongoClient('mongodb://root:T0pSecret@db:27017'); // CWE-798

export async function login(req: Request, res: Response) {
  const users = client.db('app').collection('users');
  const user = await users.findOne({ name: req.body.name, password: req.body.password }); // CWE-943
  const other = await users.find(req.body.filter).toArray(); // CWE-943
  const third = await UserModel.find({ $where: `this.a == ${req.query.a}` }); // CWE-943
  await users.updateOne({ _id: req.body.id }, { $set: req.body }); // CWE-943,915
  res.json({ user, other, third });
}

export async function fine(req: Request, res: Response) {
  const users = client.db('app').collection('users');
  res.json(await users.findOne({ name: { $eq: String(req.body.name) } }));
}
