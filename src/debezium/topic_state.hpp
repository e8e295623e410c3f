#pragma once

#include "debezium/change.hpp"
#include "debezium/derived_layouts.hpp"
#include "debezium/key_reader.hpp"
#include "debezium/keyed_tables.hpp"
#include "debezium/schema_cache.hpp"
#include "debezium/token_layouts.hpp"
#include "debezium/topic_rules.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kcs {

/// What the decoder remembers of one topic.
struct TopicState {
    std::string name;
    std::shared_ptr<TopicRules> rules; ///< null: not looked up yet
    SchemaCache schemas;               ///< of values
    TokenLayouts rows;                 ///< of values without schema
    KeyCaches keys;
    DerivedLayouts derived;                  ///< of what its route makes of them
    SourceKind source = SourceKind::unknown; ///< as its records named it last
    bool envelopes = false; ///< has carried envelopes: tombstones repeat what a `d` said
    KeyedTables tables;     ///< of its envelopes
    SourceTable last;       ///< of the last envelope, and the target it gave
    const Target* source_target = nullptr;
    SourceTable named; ///< as the last flattened record that named its table said
    const Target* topic_target = nullptr; ///< by the topic's own name
    /// By target: the row struct of its last record's schema; null: that had none.
    std::vector<std::pair<const Target*, std::shared_ptr<TypedLayout>>> value_rows;
    static constexpr size_t kMostRows = 32; ///< as many as schemas

    /// Goes by these rules from now on.
    void take(std::shared_ptr<TopicRules> taken) {
        rules = std::move(taken);
        schemas.set_rules(rules->of_rows());
        rows.set_rules(rules->of_rows());
        keys.schemas.set_rules(rules->of_keys());
        keys.rows.set_rules(rules->of_keys());
    }

    /// Whose records come next, as far as it is known.
    void set_source(SourceKind kind) {
        source = kind;
        rows.set_source(kind);
        keys.rows.set_source(kind);
    }

    void note_row(const Target* target, std::shared_ptr<TypedLayout> row) {
        for (auto& known : value_rows)
            if (known.first == target) {
                known.second = std::move(row);
                return;
            }
        if (value_rows.size() == kMostRows)
            value_rows.erase(value_rows.begin());
        value_rows.emplace_back(target, std::move(row));
    }
    std::shared_ptr<TypedLayout> row_of(const Target* target) const {
        for (const auto& known : value_rows)
            if (known.first == target)
                return known.second;
        return nullptr;
    }

    /// Hands rules and all layouts to `retired` and forgets targets; keeps what was learnt of the
    /// source.
    void forget(Retired& retired) {
        retired.push_back(std::move(rules));
        rules = nullptr;
        schemas.clear(retired);
        rows.clear(retired);
        keys.schemas.clear(retired);
        keys.rows.clear(retired);
        keys.told.clear(retired);
        value_rows.clear();
        derived.clear(retired);
        source_target = nullptr;
        topic_target = nullptr;
    }
};

} // namespace kcs
