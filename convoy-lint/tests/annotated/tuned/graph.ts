import { ApolloServer } from 'apollo-server';
import Ajv from 'ajv';
import { GraphQLObjectType, GraphQLString } from 'graphql';
import { execSync } from 'child_process';

export const server = new ApolloServer({ csrfPrevention: false, introspection: true }); // CWE-352
export const ajv = new Ajv({ allErrors: true }); // CWE-400

export const query = new GraphQLObjectType({
  name: 'Query',
  fields: {
    list: {
      type: GraphQLString,
      args: { dir: { type: GraphQLString } },
      resolve(parent, args) {
        return execSync('ls ' + args.dir).toString(); // CWE-78
      },
    },
  },
});

export const good = new ApolloServer({ csrfPrevention: true });
export const fine = new Ajv({ allErrors: process.env.DEBUG === '1' });
