import { Repository } from 'typeorm';

export class Users {
  find(name: string) {
    // bad
    this.repository.createQueryBuilder('u').where(`u.name = '${name}'`).getMany();
    // bad
    return this.repository.createQueryBuilder('u').where("u.name = '" + name + "'").getOne();
  }
}
