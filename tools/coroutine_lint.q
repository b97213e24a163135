set output diag
set bind-root true
# if (co_await f()): g++ 12 loses the coroutine's frame.
match ifStmt(isExpansionInMainFile(), hasCondition(anyOf(coawaitExpr(), hasDescendant(coawaitExpr()))))
match switchStmt(isExpansionInMainFile(), hasCondition(anyOf(coawaitExpr(), hasDescendant(coawaitExpr()))))
# Captures of a lambda that lives in a co_await expression are destroyed twice.
match lambdaExpr(isExpansionInMainFile(), hasAnyCapture(lambdaCapture()), hasAncestor(coawaitExpr()))
# So are the members of a braced temporary there.
match initListExpr(isExpansionInMainFile(), hasAncestor(coawaitExpr()), unless(hasAncestor(initListExpr())), unless(hasAncestor(lambdaExpr())))
