new ApolloServer({ csrfPrevention: true });
