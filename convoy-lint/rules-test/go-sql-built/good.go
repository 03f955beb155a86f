package a

import (
	"context"
	"database/sql"
	"fmt"
)

const table = "users"

func find(ctx context.Context, db *sql.DB, name string, count int) {
	db.Query("SELECT id FROM users WHERE name = $1", name)
	db.Query("SELECT id FROM " + table + " WHERE name = $1", name)
	db.QueryContext(ctx, fmt.Sprintf("SELECT id FROM users LIMIT %d", count))
	values.Get("a" + name)
}
