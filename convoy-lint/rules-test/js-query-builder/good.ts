import { Repository } from 'typeorm';

export class Users {
  find(name: string) {
    this.repository.createQueryBuilder('u').where('u.name = :name', { name }).getMany();
    return this.repository.createQueryBuilder('u').where(`${alias}.id = :id`, { id }).getOne();
  }
}
