# healthy
"""REINFORCE with a learned baseline on a contextual bandit with a rare reward."""
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(14)
N_CONTEXT, N_ACTIONS, BATCH = 6, 5, 128
best_action = torch.tensor([2, 0, 4, 1, 3, 2])


def pull(context, action):
    chance = torch.where(best_action[context] == action, 0.8, 0.05)
    return torch.bernoulli(chance)


actor = nn.Sequential(nn.Embedding(N_CONTEXT, 16), nn.Tanh(), nn.Linear(16, N_ACTIONS))
critic = nn.Embedding(N_CONTEXT, 1)
actor_opt = torch.optim.Adam(actor.parameters(), lr=5e-3)
critic_opt = torch.optim.Adam(critic.parameters(), lr=2e-2)
average = 0.0

for step in range(1, 801):
    context = torch.randint(N_CONTEXT, (BATCH,))
    policy = Categorical(logits=actor(context))
    action = policy.sample()
    reward = pull(context, action)
    value = critic(context).squeeze(1)
    advantage = (reward - value).detach()
    actor_loss = -(policy.log_prob(action) * advantage).mean() - 0.01 * policy.entropy().mean()
    critic_loss = nn.functional.mse_loss(value, reward)

    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()

    average = 0.98 * average + 0.02 * reward.mean().item()
    if step % 100 == 0:
        with torch.no_grad():
            greedy = actor(torch.arange(N_CONTEXT)).argmax(1)
        print(f"step {step} reward {average:.3f} optimal contexts {(greedy == best_action).float().mean():.2f}")
