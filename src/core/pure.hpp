// Include last in every .cpp of a room that must not see the server's headers
// (core, debezium, pipeline, kafka): the compiler then keeps the include rule.
#pragma once

#ifdef POSTGRES_H
#error "this room must build without PostgreSQL's headers"
#endif
