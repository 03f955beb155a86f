// bad
new ApolloServer({ csrfPrevention: false });
