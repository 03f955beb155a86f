exports.find = (req, res) => {
  // bad
  User.findAll({ order: sequelize.literal(req.query.order) });
  // bad
  knex('users').orderByRaw(req.query.order);
  // bad
  knex('users').whereRaw(`name = '${req.query.name}'`);
};
