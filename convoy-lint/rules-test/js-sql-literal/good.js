exports.find = (req, res) => {
  User.findAll({ order: sequelize.literal('name desc') });
  knex('users').whereRaw('name = ?', [req.query.name]);
};
