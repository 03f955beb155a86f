import { getConnection, getManager, getRepository, Repository } from 'typeorm';
import { User } from './user';

export class Users {
  constructor(private repository: Repository<User>) {}

  async find(name: string, order: string) {
    await getConnection().query("SELECT * FROM users WHERE name = '" + name + "'"); // CWE-89
    await getManager().query(`DELETE FROM users WHERE name = '${name}'`); // CWE-89
    await this.repository.query('SELECT * FROM users ORDER BY ' + order); // CWE-89
    await this.repository.createQueryBuilder('u').where(`u.name = '${name}'`).getMany(); // CWE-89
    await getRepository(User).createQueryBuilder('u').where("u.name = '" + name + "'").getOne(); // CWE-89
    await this.repository.createQueryBuilder('u').where('u.a = 1').andWhere('u.name = ' + name).getOne(); // CWE-89
  }

  async good(name: string) {
    await this.repository.query('SELECT * FROM users WHERE name = $1', [name]);
    await this.repository.createQueryBuilder('u').where('u.name = :name', { name }).getMany();
    await this.repository.find({ where: { name } });
  }
}
