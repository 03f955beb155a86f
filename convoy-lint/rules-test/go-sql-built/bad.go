package a

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

func find(ctx context.Context, db *sql.DB, name string) {
	// bad
	db.Query("SELECT id FROM users WHERE name = '" + name + "'")
	query := fmt.Sprintf("DELETE FROM users WHERE name = '%s'", name)
	// bad
	db.ExecContext(ctx, query)
	var sb strings.Builder
	sb.WriteString("SELECT * FROM users WHERE name LIKE '%")
	sb.WriteString(name)
	// bad
	db.QueryRow(sb.String())
}
