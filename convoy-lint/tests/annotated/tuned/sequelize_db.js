const { Sequelize, QueryTypes, Op } = require('sequelize');

const sequelize = new Sequelize('shop', 'root', 'Sh0p-Pa55'); // CWE-798
const models = require('./models');

module.exports.byName = async function (req, res) {
  const rows = await sequelize.query('SELECT * FROM users WHERE name = \'' + req.query.name + '\''); // CWE-89
  const more = await sequelize.query(`SELECT * FROM users WHERE id = ${req.params.id}`, { type: QueryTypes.SELECT }); // CWE-89
  const order = await models.User.findAll({ order: sequelize.literal(req.query.order) }); // CWE-89
  const some = await models.User.findAll({ where: sequelize.literal('name = ' + req.query.name) }); // CWE-89
  res.json({ rows, more, order, some });
};

module.exports.good = async function (req, res) {
  const rows = await sequelize.query('SELECT * FROM users WHERE name = ?', { replacements: [req.query.name] });
  const some = await models.User.findAll({ where: { name: { [Op.eq]: String(req.query.name) } } });
  res.json({ rows, some });
};
