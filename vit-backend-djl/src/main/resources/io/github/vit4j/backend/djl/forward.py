  def forward(self: __torch__.ViT, {arguments}) -> Dict[str, Tensor]:
    w = [{weights}]
    hidden_states, attentions, others, = self.compute(w, pixel_values, {bool_masked_pos}, interpolate_pos_encoding, {first_token_only}, False, False, {last_hidden_state}, {want_head})
    return {results}
